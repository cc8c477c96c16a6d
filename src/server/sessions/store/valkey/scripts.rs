//! The scripts that change a session, each atomic in Valkey, and one that reads many. A script works on keys of one hash slot. It is sent
//! once, and again when the server does not know it any more, as after a restart.

use redis::Script;

/// The scripts, with their hashes.
#[derive(Debug)]
pub struct Scripts {
    pub read_many: Script,
    pub create: Script,
    pub merge: Script,
    pub touch: Script,
    pub end: Script,
    pub expire: Script,
    pub forget: Script,
    pub shorten: Script,
    pub index: Script,
}

impl Scripts {
    pub fn new() -> Self {
        Self {
            read_many: Script::new(include_str!("scripts/read_many.lua")),
            create: Script::new(include_str!("scripts/create.lua")),
            merge: Script::new(include_str!("scripts/merge.lua")),
            touch: Script::new(include_str!("scripts/touch.lua")),
            end: Script::new(include_str!("scripts/end.lua")),
            expire: Script::new(include_str!("scripts/expire.lua")),
            forget: Script::new(include_str!("scripts/forget.lua")),
            shorten: Script::new(include_str!("scripts/shorten.lua")),
            index: Script::new(include_str!("scripts/index.lua")),
        }
    }
}
