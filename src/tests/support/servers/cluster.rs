//! A cluster of Valkey, or Redis.

use std::time::Duration;

use super::{process::wait_until, valkey::ValkeyServer};

/// How long the nodes may take to know each other.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The slots of each node, from first to last: all that there are.
const SLOTS: [(u16, u16); 3] = [(0, 5460), (5461, 10922), (10923, 16383)];

const ARGUMENTS: [&str; 6] =
    ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000", "--cluster-announce-ip", "127.0.0.1"];

/// Three nodes without replicas.
#[derive(Debug)]
pub struct ValkeyCluster {
    nodes: Vec<ValkeyServer>,
}

impl ValkeyCluster {
    pub fn start() -> Self {
        let nodes = SLOTS.map(|_| ValkeyServer::start_with(&ARGUMENTS));
        let cluster = Self { nodes: nodes.into() };
        cluster.connect_nodes();
        cluster
    }

    /// The URL of the first node.
    pub fn url(&self) -> String {
        self.nodes[0].url()
    }

    pub fn nodes(&self) -> &[ValkeyServer] {
        &self.nodes
    }

    /// Waits until every node finds the cluster complete.
    pub fn wait_until_ready(&self) {
        let is_ready = |node: &ValkeyServer| node.ask("CLUSTER INFO").is_ok_and(|info| is_complete(&info));
        let in_time = wait_until(TIMEOUT, || self.nodes.iter().all(is_ready));
        assert!(in_time, "the cluster is not ready: {:?}", self.nodes[0].ask("CLUSTER INFO"));
    }

    fn connect_nodes(&self) {
        let mut epoch = 0;
        for (node, (first, last)) in self.nodes.iter().zip(SLOTS) {
            let slots: Vec<_> = (first..=last).map(|slot| slot.to_string()).collect();
            order(node, &format!("CLUSTER ADDSLOTS {}", slots.join(" ")));
            epoch += 1;
            order(node, &format!("CLUSTER SET-CONFIG-EPOCH {epoch}"));
        }
        for other in &self.nodes[1..] {
            order(&self.nodes[0], &format!("CLUSTER MEET 127.0.0.1 {}", other.port()));
        }
        self.wait_until_ready();
    }
}

fn order(node: &ValkeyServer, command: &str) {
    let answer = node.ask(command).expect("an answer");
    assert!(answer.starts_with("+OK"), "{command}: {answer}");
}

fn is_complete(info: &str) -> bool {
    let has = |line: &str| info.lines().any(|other| other == line);
    has("cluster_state:ok") && has("cluster_slots_ok:16384") && has("cluster_known_nodes:3")
}
