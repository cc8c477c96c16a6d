//! From the fields of a hash to a session, and back. They are named like the columns in SQL; each value has a
//! field of its own, so that changes merge by key.

use std::collections::HashMap;

use super::super::row::{SESSION_COLUMNS, columns, readable, stored_session};
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

    /// The session, if it is one of an account that has expired and was not ended.
    pub fn expired_session(&self, now: Timestamp) -> Option<StoredSession> {
        let session = readable(stored_session(self)).filter(|_| !self.fields.contains_key("ended_at"))?;
        (session.account.is_some() && !session.is_live(now)).then_some(session)
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::server::{domain::SessionHandle, sessions::Method};

    /// As the first release that used Valkey has stored it. Processes of two releases serve at the same time.
    const STORED: [(&str, &str); 15] = [
        ("handle", "VpbxgDHGcpZEfqTp"),
        ("account_id", "alice"),
        ("methods", "pwd"),
        ("credentials", "3"),
        ("authenticated_at", "1767254400000"),
        ("remembered", "1"),
        ("user_agent", "Browser/1"),
        ("address", "203.0.113.9"),
        ("created_at", "1767254400000"),
        ("seen_at", "1767254460000"),
        ("expires_at", "1768464060000"),
        ("absolute_expires_at", "1775030400000"),
        ("forgotten_at", "1769068860000"),
        ("value:cart", "[1,2]"),
        ("value:theme", "\"dark\""),
    ];

    fn session() -> StoredSession {
        let time = Timestamp::from_millis;
        StoredSession {
            id_hash: IdHash::from_stored("hash".to_owned()),
            handle: SessionHandle::new("VpbxgDHGcpZEfqTp".to_owned()),
            account: Some(AccountId::new("alice".to_owned())),
            methods: vec![Method::Password],
            credential_version: 3,
            authenticated_at: Some(time(1_767_254_400_000)),
            remembered: true,
            user_agent: "Browser/1".to_owned(),
            address: "203.0.113.9".to_owned(),
            values: Values::from([("cart".to_owned(), json!([1, 2])), ("theme".to_owned(), json!("dark"))]),
            created_at: time(1_767_254_400_000),
            seen_at: time(1_767_254_460_000),
            expires_at: time(1_768_464_060_000),
            absolute_expires_at: time(1_775_030_400_000),
        }
    }

    #[test]
    fn what_a_process_of_another_release_has_stored_is_read() {
        let stored = STORED.map(|(name, text)| (name.to_owned(), text.to_owned()));
        let read = Fields::new(&session().id_hash, stored.into()).expect("there are fields");
        assert_eq!(stored_session(&read).expect("readable"), session());
    }

    #[test]
    fn what_is_stored_has_not_changed() {
        let written = fields(&session(), &session().values).expect("JSON");
        assert_eq!(written, STORED.map(|(name, text)| (name.to_owned(), text.to_owned())));
    }
}
