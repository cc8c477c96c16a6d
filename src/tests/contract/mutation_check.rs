//! A test that cannot fail proves nothing: every invariant is shown a store that breaks it.

use std::{
    cell::Cell,
    panic,
    sync::{Arc, Once},
};

use super::{CONTRACT, MutatedStore, Invariant, Mutation, holds};

thread_local! {
    static EXPECTED: Cell<bool> = const { Cell::new(false) };
}

/// Panics of this thread say nothing from here on: they are what the test is after.
fn expect_panics() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let loud = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !EXPECTED.get() {
                loud(panic);
            }
        }));
    });
    EXPECTED.set(true);
}

/// The mutations that an invariant notices.
async fn notices(invariant: Invariant) -> Vec<Mutation> {
    let mut noticed = Vec::new();
    for mutation in Mutation::ALL {
        if !holds(Arc::new(MutatedStore::new(Some(mutation))), invariant).await {
            noticed.push(mutation);
        }
    }
    noticed
}

#[tokio::test]
async fn every_invariant_is_seen_red() {
    expect_panics();
    let (mut blind, mut unnoticed) = (Vec::new(), Mutation::ALL.to_vec());
    for (name, invariant) in CONTRACT {
        let noticed = notices(*invariant).await;
        println!("{name:<62} {noticed:?}");
        unnoticed.retain(|mutation| !noticed.contains(mutation));
        if noticed.is_empty() {
            blind.push(name);
        }
    }
    assert!(blind.is_empty(), "nothing turns these red: {blind:?}");
    assert!(unnoticed.is_empty(), "nobody notices these: {unnoticed:?}");
}

#[tokio::test]
async fn the_flaws_of_published_stores_are_noticed() {
    expect_panics();
    for mutation in Mutation::IN_PUBLISHED_STORES {
        let mut red = Vec::new();
        for (name, invariant) in CONTRACT {
            if !holds(Arc::new(MutatedStore::new(Some(mutation))), *invariant).await {
                red.push(*name);
            }
        }
        println!("{mutation:?} breaks {red:#?}");
        assert!(!red.is_empty(), "{mutation:?}");
    }
}

#[tokio::test]
async fn a_store_without_a_flaw_breaks_nothing() {
    for (name, invariant) in CONTRACT {
        assert!(holds(Arc::new(MutatedStore::new(None)), *invariant).await, "{name}");
    }
}
