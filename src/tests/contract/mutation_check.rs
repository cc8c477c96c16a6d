//! Checks that every invariant fails on some faulty store, and that every mutation is detected.

use std::{
    cell::Cell,
    panic,
    sync::{Arc, Once},
};

use super::{CONTRACT, Invariant, MutatedStore, Mutation, holds};

thread_local! {
    static EXPECTED: Cell<bool> = const { Cell::new(false) };
}

/// Silences the panics of this thread, which the test expects.
fn silence_panics() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let default_hook = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !EXPECTED.get() {
                default_hook(panic);
            }
        }));
    });
    EXPECTED.set(true);
}

/// The mutations that an invariant detects.
async fn detected_by(invariant: Invariant) -> Vec<Mutation> {
    let mut detected = Vec::new();
    for mutation in Mutation::ALL {
        if !holds(Arc::new(MutatedStore::new(Some(mutation))), invariant).await {
            detected.push(mutation);
        }
    }
    detected
}

#[tokio::test]
async fn every_invariant_detects_a_mutation_and_every_mutation_is_detected() {
    silence_panics();
    let (mut ineffective, mut undetected) = (Vec::new(), Mutation::ALL.to_vec());
    for (name, invariant) in CONTRACT {
        let detected = detected_by(*invariant).await;
        println!("{name:<62} {detected:?}");
        undetected.retain(|mutation| !detected.contains(mutation));
        if detected.is_empty() {
            ineffective.push(name);
        }
    }
    assert!(ineffective.is_empty(), "invariants that detect nothing: {ineffective:?}");
    assert!(undetected.is_empty(), "undetected: {undetected:?}");
}

#[tokio::test]
async fn the_bugs_of_published_stores_are_detected() {
    silence_panics();
    for mutation in Mutation::IN_PUBLISHED_STORES {
        let mut broken = Vec::new();
        for (name, invariant) in CONTRACT {
            if !holds(Arc::new(MutatedStore::new(Some(mutation))), *invariant).await {
                broken.push(*name);
            }
        }
        println!("{mutation:?} breaks {broken:#?}");
        assert!(!broken.is_empty(), "{mutation:?}");
    }
}

#[tokio::test]
async fn a_store_without_a_mutation_breaks_no_invariant() {
    for (name, invariant) in CONTRACT {
        assert!(holds(Arc::new(MutatedStore::new(None)), *invariant).await, "{name}");
    }
}
