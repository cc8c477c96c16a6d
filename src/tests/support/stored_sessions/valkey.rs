//! Sessions in Valkey: a hash for each, with fields that are named like the columns in SQL.

use std::collections::HashMap;

use async_trait::async_trait;
use redis::{Client, Cmd, FromRedisValue, Value, aio::MultiplexedConnection, cmd};
use vestibule::server::{config::Config, domain::Timestamp};

use super::{StoredRecord, StoredSessions};

/// What the fields of values start with.
const VALUE: &str = "value:";
const SCAN_SIZE: u32 = 1000;

/// The keys of an application.
#[derive(Debug)]
pub struct ValkeyKeys {
    client: Client,
    prefix: String,
}

impl ValkeyKeys {
    /// `None` if its sessions are in the database.
    pub fn of(config: &Config) -> Option<Self> {
        let url = config.sessions.url.expose();
        let client = (!url.is_empty()).then(|| Client::open(url).expect("a URL"))?;
        Some(Self { client, prefix: config.sessions.key_prefix.clone() })
    }

    /// All of them, with what they hold.
    pub async fn contents(&self) -> Vec<u8> {
        let mut connection = self.connect().await;
        let mut bytes = Vec::new();
        for key in self.matching("*").await {
            let kind: String = ask(&mut connection, cmd("TYPE").arg(&key)).await;
            let content = ask(&mut connection, &read_all(&key, &kind)).await;
            bytes.extend(key.into_bytes());
            append(&content, &mut bytes);
        }
        bytes
    }

    async fn connect(&self) -> MultiplexedConnection {
        self.client.get_multiplexed_async_connection().await.expect("connected")
    }

    /// Those that match `pattern` after the prefix.
    async fn matching(&self, pattern: &str) -> Vec<String> {
        let mut connection = self.connect().await;
        let (mut cursor, mut keys) = (0_u64, Vec::new());
        loop {
            let mut scan = cmd("SCAN");
            scan.arg(cursor).arg("MATCH").arg(format!("{}:{pattern}", self.prefix));
            scan.arg("COUNT").arg(SCAN_SIZE);
            let (next, found): (u64, Vec<String>) = ask(&mut connection, &scan).await;
            keys.extend(found);
            cursor = next;
            if cursor == 0 {
                keys.sort_unstable();
                keys.dedup(); // SCAN may return a key several times
                return keys;
            }
        }
    }

    async fn sessions(&self) -> Vec<String> {
        self.matching("{*}:session:*").await
    }
}

#[derive(Debug)]
pub struct ValkeySessions {
    pub keys: ValkeyKeys,
    /// Valkey itself forgets by the clock of its machine.
    pub now: Timestamp,
}

#[async_trait]
impl StoredSessions for ValkeySessions {
    async fn all(&self) -> Vec<StoredRecord> {
        let mut connection = self.keys.connect().await;
        let mut records = Vec::new();
        for key in self.keys.sessions().await {
            let fields = Fields(ask(&mut connection, cmd("HGETALL").arg(&key)).await);
            if fields.number("forgotten_at") > self.now.millis() {
                records.push(fields.record(&key));
            }
        }
        records
    }

    async fn count(&self) -> usize {
        self.keys.sessions().await.len()
    }

    async fn remove_all(&self) {
        let mut connection = self.keys.connect().await;
        for key in self.keys.matching("*").await {
            let _: Value = ask(&mut connection, cmd("DEL").arg(key)).await;
        }
    }

    async fn damage(&self, column: &str, text: &str) -> bool {
        let field = if column == "data" { "value:damaged" } else { column };
        if column == "data" && serde_json::from_str::<serde_json::Value>(text).is_ok() {
            return false; // each value has a field of its own, which can hold any JSON
        }
        let mut connection = self.keys.connect().await;
        for key in self.keys.sessions().await {
            let _: Value = ask(&mut connection, cmd("HSET").arg(key).arg(field).arg(text)).await;
        }
        true
    }
}

#[derive(Debug)]
struct Fields(HashMap<String, String>);

impl Fields {
    fn text(&self, name: &str) -> String {
        self.0.get(name).unwrap_or_else(|| panic!("there is no {name} in {self:?}")).clone()
    }

    fn number(&self, name: &str) -> i64 {
        self.text(name).parse().expect("a number")
    }

    fn record(&self, key: &str) -> StoredRecord {
        let value = |(field, text): (&String, &String)| {
            let key = field.strip_prefix(VALUE)?.to_owned();
            Some((key, serde_json::from_str(text).expect("JSON")))
        };
        StoredRecord {
            id_hash: key.rsplit(':').next().expect("a hash").to_owned(),
            handle: self.text("handle"),
            values: self.0.iter().filter_map(value).collect(),
            created_at: self.number("created_at"),
            seen_at: self.number("seen_at"),
            absolute_expires_at: self.number("absolute_expires_at"),
            end_reason: self.0.get("end_reason").cloned(),
        }
    }
}

async fn ask<T: FromRedisValue>(connection: &mut MultiplexedConnection, command: &Cmd) -> T {
    command.query_async(connection).await.expect("an answer")
}

/// The command that reads all that is in a key.
fn read_all(key: &str, kind: &str) -> Cmd {
    let (name, options): (_, &[&str]) = match kind {
        "hash" => ("HGETALL", &[]),
        "set" => ("SMEMBERS", &[]),
        "string" => ("GET", &[]),
        "zset" => ("ZRANGE", &["0", "-1", "WITHSCORES"]),
        other => panic!("{key} is a {other}"),
    };
    let mut command = cmd(name);
    command.arg(key).arg(options);
    command
}

fn append(value: &Value, bytes: &mut Vec<u8>) {
    match value {
        Value::BulkString(string) => bytes.extend(string),
        Value::Array(values) => values.iter().for_each(|value| append(value, bytes)),
        other => panic!("{other:?}"),
    }
    bytes.push(b'\n');
}
