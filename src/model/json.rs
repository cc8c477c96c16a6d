//! Reading answers of the server in the browser.
//!
//! There are few and small answers, so the browser's own JSON parser and a few look-ups do; serde_json
//! would be a tenth of the whole download. The readers are written against [`Json`], so the tests read
//! back, with the same code, what serde wrote: neither side can change alone.

/// A JSON value: the browser's own (in `browser::json`), or serde's in tests.
pub trait Json: Sized {
    /// The value of a key; `None` if it is missing or null.
    fn get(&self, key: &str) -> Option<Self>;
    /// A string.
    fn text(&self) -> Option<String>;
    /// A number without a fraction.
    fn integer(&self) -> Option<i64>;
    fn is_true(&self) -> bool;
    /// The elements of an array; empty for anything else.
    fn items(&self) -> Vec<Self>;
}

/// What can be read from the answers of the server. `None` for an answer that this version does not
/// understand, as a newer server may give.
pub trait FromJson: Sized {
    fn from_json(json: &impl Json) -> Option<Self>;
}

#[cfg(test)]
impl Json for serde_json::Value {
    fn get(&self, key: &str) -> Option<Self> {
        self.as_object()?.get(key).filter(|value| !value.is_null()).cloned()
    }

    fn text(&self) -> Option<String> {
        self.as_str().map(str::to_owned)
    }

    fn integer(&self) -> Option<i64> {
        self.as_i64()
    }

    fn is_true(&self) -> bool {
        self.as_bool() == Some(true)
    }

    fn items(&self) -> Vec<Self> {
        self.as_array().cloned().unwrap_or_default()
    }
}

/// Asserts that a value survives the way from the server to the browser.
#[cfg(test)]
#[track_caller]
pub fn reads_back<T: FromJson + serde::Serialize + PartialEq + std::fmt::Debug>(value: T) {
    let json = serde_json::to_value(&value).expect("JSON");
    assert_eq!(T::from_json(&json), Some(value), "{json}");
}
