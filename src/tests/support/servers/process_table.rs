//! The processes of this machine.

use std::{fs, process::Command};

use super::program;

/// What runs at one moment.
#[derive(Debug)]
pub struct ProcessTable(Vec<Entry>);

#[derive(Debug)]
struct Entry {
    id: u32,
    parent: u32,
}

impl ProcessTable {
    /// Reads `/proc` or, on systems that have none, asks `ps`.
    pub fn read() -> Self {
        let Ok(processes) = fs::read_dir("/proc") else {
            let lines = program::output(Command::new("ps").args(["-A", "-o", "pid=,state=,ppid="]));
            return Self(lines.lines().filter_map(Entry::parse).collect());
        };
        let files = processes.flatten().map(|process| process.path().join("stat"));
        let lines = files.filter_map(|file| fs::read_to_string(file).ok());
        Self(lines.filter_map(|line| Entry::parse_stat(&line)).collect())
    }

    pub fn is_running(&self, id: u32) -> bool {
        self.0.iter().any(|entry| entry.id == id)
    }

    /// The processes that `parent` has started, in order.
    pub fn children(&self, parent: u32) -> Vec<u32> {
        let mut children: Vec<_> =
            self.0.iter().filter(|entry| entry.parent == parent).map(|entry| entry.id).collect();
        children.sort_unstable();
        children
    }
}

impl Entry {
    /// From a file of Linux: `42 (the name) S 1 …`. The name may contain anything.
    fn parse_stat(line: &str) -> Option<Self> {
        let (id, rest) = line.split_once(' ')?;
        let (_, rest) = rest.rsplit_once(')')?;
        Self::parse(&format!("{id} {rest}"))
    }

    /// From id, state and parent. A process that has ended, and only waits for its parent to notice, is none.
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace();
        let id = words.next()?.parse().ok()?;
        let has_ended = words.next()?.starts_with(['Z', 'X']);
        let parent = words.next()?.parse().ok()?;
        (!has_ended).then_some(Self { id, parent })
    }
}
