//! JSON as the browser parses it.

use js_sys::{Array, JSON, Reflect};
use wasm_bindgen::JsValue;

use crate::model::Json;

/// A JSON value as the browser parsed it.
#[derive(Clone, Debug)]
pub struct JsJson(JsValue);

impl JsJson {
    /// `None` for text that is not JSON.
    pub fn parse(text: &str) -> Option<Self> {
        JSON::parse(text).ok().map(Self)
    }

    /// Serializes the value; empty if that fails.
    pub fn to_text(&self) -> String {
        JSON::stringify(&self.0).map(String::from).unwrap_or_default()
    }
}

impl Json for JsJson {
    fn get(&self, key: &str) -> Option<Self> {
        // Fails for values that are not objects.
        let value = Reflect::get(&self.0, &JsValue::from_str(key)).ok()?;
        (!value.is_undefined() && !value.is_null()).then_some(Self(value))
    }

    fn text(&self) -> Option<String> {
        self.0.as_string()
    }

    fn integer(&self) -> Option<i64> {
        #[expect(clippy::cast_possible_truncation, reason = "saturates, and times are far from the limits")]
        self.0.as_f64().map(|number| number as i64)
    }

    fn is_true(&self) -> bool {
        self.0.as_bool() == Some(true)
    }

    fn items(&self) -> Vec<Self> {
        if Array::is_array(&self.0) { Array::from(&self.0).iter().map(Self).collect() } else { Vec::new() }
    }
}
