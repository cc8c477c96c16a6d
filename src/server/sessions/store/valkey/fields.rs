//! From the fields of a hash to a session, and back. They are named like the columns in SQL; each value has a
//! field of its own, so that changes merge by key.

use std::collections::HashMap;

use super::super::row::{SESSION_COLUMNS, columns};
use crate::server::{
    db::{DatabaseError, Row},
    domain::{AccountId, Timestamp},
    sessions::{IdHash, StoredSession, Values, forgotten_at},
};

const VALUE: &str = "value:";

/// The fields of a stored session.
#[derive(Debug)]
pub struct Fields {
    id_hash: String,
    fields: HashMap<String, String>,
}

impl Fields {
    /// `None` if there are none: no such session.
    pub fn new(id: &IdHash, fields: HashMap<String, String>) -> Option<Self> {
        (!fields.is_empty()).then(|| Self { id_hash: id.as_str().to_owned(), fields })
    }

    /// The values as a JSON object. Each is JSON already.
    fn data(&self) -> Result<String, DatabaseError> {
        let mut object = String::from("{");
        for (field, value) in &self.fields {
            if let Some(key) = field.strip_prefix(VALUE) {
                let comma = if object.len() > 1 { "," } else { "" };
                object += &format!("{comma}{}:{value}", serde_json::to_string(key)?);
            }
        }
        Ok(object + "}")
    }
}

impl Row for Fields {
    fn text_or_null(&self, column: usize) -> Result<Option<String>, DatabaseError> {
        match columns().nth(column) {
            Some("id_hash") => Ok(Some(self.id_hash.clone())),
            Some("data") => Ok(Some(self.data()?)),
            Some(name) => Ok(self.fields.get(name).cloned()),
            None => Ok(None),
        }
    }

    fn integer_or_null(&self, column: usize) -> Result<Option<i64>, DatabaseError> {
        let text = columns().nth(column).and_then(|name| self.fields.get(name));
        text.map(|text| text.parse().map_err(|_| DatabaseError::Null(column))).transpose()
    }
}

/// The fields of a session with these values.
pub fn fields(session: &StoredSession, values: &Values) -> Result<Vec<(String, String)>, serde_json::Error> {
    let methods: Vec<_> = session.methods.iter().map(|method| method.as_str()).collect();
    let time = |time: Timestamp| Some(time.millis().to_string());
    let columns = [
        ("handle", Some(session.handle.to_string())),
        ("account_id", session.account.as_ref().map(|account| AccountId::as_str(account).to_owned())),
        ("methods", Some(methods.join(" "))),
        ("credentials", Some(session.credential_version.to_string())),
        ("authenticated_at", session.authenticated_at.and_then(time)),
        ("remembered", Some(u8::from(session.remembered).to_string())),
        ("user_agent", Some(session.user_agent.clone())),
        ("address", Some(session.address.clone())),
        ("created_at", time(session.created_at)),
        ("seen_at", time(session.seen_at)),
        ("expires_at", time(session.expires_at)),
        ("absolute_expires_at", time(session.absolute_expires_at)),
        ("forgotten_at", time(forgotten_at(session))),
    ];
    debug_assert_eq!(
        columns.len(),
        SESSION_COLUMNS - 1,
        "id_hash and data are no fields, forgotten_at is one"
    );
    let columns = columns.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?)));
    let values = values.iter().map(|(key, value)| Ok((value_field(key), serde_json::to_string(value)?)));
    columns.map(Ok).chain(values).collect()
}

/// The field of a value.
pub fn value_field(key: &str) -> String {
    format!("{VALUE}{key}")
}
