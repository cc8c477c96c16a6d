//! Sessions in Valkey: a hash for each, with fields that are named like the columns in SQL.

use std::collections::HashMap;

use async_trait::async_trait;
use redis::{Client, Cmd, FromRedisValue, Value, aio::MultiplexedConnection, cmd};

use super::{StoredRecord, StoredSessions};

/// What the fields of values start with.
const VALUE: &str = "value:";
const SCAN_SIZE: u32 = 1000;

#[derive(Debug)]
pub struct ValkeySessions {
    client: Client,
    prefix: String,
}

impl ValkeySessions {
    pub fn new(url: &str, prefix: String) -> Self {
        Self { client: Client::open(url).expect("a URL"), prefix }
    }

    async fn connect(&self) -> MultiplexedConnection {
        self.client.get_multiplexed_async_connection().await.expect("connected")
    }

    /// All keys that match `pattern` after the prefix.
    async fn keys(&self, pattern: &str) -> Vec<String> {
        let mut connection = self.connect().await;
        let (mut cursor, mut keys) = (0_u64, Vec::new());
        loop {
            let mut scan = cmd("SCAN");
            scan.arg(cursor).arg("MATCH").arg(format!("{}:{pattern}", self.prefix));
            let found: (u64, Vec<String>) = ask(&mut connection, scan.arg("COUNT").arg(SCAN_SIZE)).await;
            keys.extend(found.1);
            cursor = found.0;
            if cursor == 0 {
                keys.sort_unstable();
                keys.dedup(); // SCAN may return a key several times
                return keys;
            }
        }
    }

    async fn session_keys(&self) -> Vec<String> {
        self.keys("{*}:session:*").await
    }
}

#[async_trait]
impl StoredSessions for ValkeySessions {
    async fn all(&self) -> Vec<StoredRecord> {
        let mut connection = self.connect().await;
        let mut records = Vec::new();
        for key in self.session_keys().await {
            let fields = ask(&mut connection, cmd("HGETALL").arg(&key)).await;
            records.push(record(&key, &fields));
        }
        records
    }

    async fn damage(&self, column: &'static str, text: &'static str) -> bool {
        let field = if column == "data" { "value:damaged" } else { column };
        if column == "data" && serde_json::from_str::<serde_json::Value>(text).is_ok() {
            return false; // each value has a field of its own, which can hold any JSON
        }
        let mut connection = self.connect().await;
        for key in self.session_keys().await {
            let _: Value = ask(&mut connection, cmd("HSET").arg(key).arg(field).arg(text)).await;
        }
        true
    }

    async fn bytes(&self) -> Vec<u8> {
        let mut connection = self.connect().await;
        let mut bytes = Vec::new();
        for key in self.keys("*").await {
            let kind: String = ask(&mut connection, cmd("TYPE").arg(&key)).await;
            let content: Value = ask(&mut connection, &mut content_of(&key, &kind)).await;
            bytes.extend(key.into_bytes());
            append(&content, &mut bytes);
        }
        bytes
    }
}

fn content_of(key: &str, kind: &str) -> Cmd {
    let mut content = match kind {
        "hash" => cmd("HGETALL"),
        "set" => cmd("SMEMBERS"),
        "string" => cmd("GET"),
        "zset" => cmd("ZRANGE"),
        other => panic!("{key} is a {other}"),
    };
    content.arg(key);
    if kind == "zset" {
        content.arg(0).arg(-1).arg("WITHSCORES");
    }
    content
}

fn append(value: &Value, bytes: &mut Vec<u8>) {
    match value {
        Value::BulkString(string) => bytes.extend(string),
        Value::Array(values) => values.iter().for_each(|value| append(value, bytes)),
        other => panic!("{other:?}"),
    }
    bytes.push(b'\n');
}

fn record(key: &str, fields: &HashMap<String, String>) -> StoredRecord {
    let text = |name: &str| fields.get(name).unwrap_or_else(|| panic!("{key} has no {name}")).clone();
    let number = |name: &str| text(name).parse().expect("a number");
    let value = |(field, text): (&String, &String)| {
        let key = field.strip_prefix(VALUE)?.to_owned();
        Some((key, serde_json::from_str(text).expect("JSON")))
    };
    StoredRecord {
        id_hash: key.rsplit(':').next().expect("a hash").to_owned(),
        handle: text("handle"),
        account: fields.get("account_id").cloned(),
        values: fields.iter().filter_map(value).collect(),
        created_at: number("created_at"),
        seen_at: number("seen_at"),
        absolute_expires_at: number("absolute_expires_at"),
        end_reason: fields.get("end_reason").cloned(),
    }
}

async fn ask<T: FromRedisValue>(connection: &mut MultiplexedConnection, command: &Cmd) -> T {
    command.query_async(connection).await.expect("an answer")
}
