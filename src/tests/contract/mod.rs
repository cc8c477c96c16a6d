//! The contract of session stores, checked against every store.
//!
//! An invariant is a function of a [`Scenario`], which has an empty store. [`CONTRACT`] lists them all;
//! `mutation_check` checks that each of them detects a faulty store.

mod create;
mod end;
mod expiry;
mod faulty_store;
mod ids;
mod load_many;
mod merge;
mod mutation_check;
mod purge;
mod recording;
mod rotate;
mod scenario;
mod selection;
mod touch;

pub use faulty_store::{MutatedStore, Mutation};

use std::{pin::Pin, sync::Arc};

use tokio::runtime::Builder;

use self::scenario::Scenario;
use crate::support::{InCluster, StoreUnderTest, for_every_store};

/// Panics if the store breaks it.
type Invariant = fn(Scenario) -> Pin<Box<dyn Future<Output = ()> + Send>>;

macro_rules! invariants {
    ($($module:ident::$name:ident,)*) => {
        &[$((stringify!($name), |scenario| Box::pin($module::$name(scenario)))),*]
    };
}

const CONTRACT: &[(&str, Invariant)] = invariants![
    create::a_created_session_can_be_loaded,
    create::every_character_is_kept,
    create::create_never_overwrites_a_session,
    create::create_records_its_events_only_on_success,
    load_many::several_sessions_are_loaded_in_the_order_of_their_ids,
    merge::changes_merge_by_key,
    merge::concurrent_changes_of_different_keys_all_survive,
    merge::only_live_sessions_are_changed,
    touch::touch_extends_the_idle_timeout_and_nothing_else,
    touch::touch_can_shorten_a_session_and_drop_its_authentication,
    touch::only_live_sessions_are_touched,
    end::the_end_reason_is_stored,
    end::an_ended_session_stays_ended,
    end::the_values_of_an_ended_session_are_deleted,
    end::end_returns_exactly_the_sessions_it_ended,
    end::an_expired_session_cannot_be_ended,
    end::many_sessions_end_in_batches,
    selection::by_id_selects_one_session,
    selection::by_handle_selects_only_within_the_account,
    selection::all_except_selects_the_other_sessions_of_the_account,
    selection::all_selects_the_sessions_of_one_account,
    selection::all_accounts_selects_the_sessions_of_all_accounts,
    selection::the_least_recently_used_sessions_are_those_seen_longest_ago,
    selection::list_returns_the_live_sessions_of_one_account,
    selection::a_list_is_no_longer_than_requested,
    expiry::a_session_is_live_until_it_expires,
    expiry::idle_and_absolute_expiry_are_distinguished,
    expiry::a_stored_expiry_survives_a_clock_set_back,
    expiry::expiries_beyond_the_limit_are_shortened,
    rotate::rotation_replaces_the_id_and_keeps_the_session,
    rotate::rotation_copies_the_current_values,
    rotate::only_live_sessions_are_rotated,
    rotate::rotation_to_an_existing_id_fails,
    rotate::rotation_records_its_events_only_on_success,
    ids::no_raw_id_is_stored,
    recording::a_revocation_is_recorded_once,
    recording::an_expiry_is_recorded_once,
    recording::replaced_and_anonymous_sessions_are_not_recorded,
    purge::live_sessions_are_not_purged,
    purge::anonymous_sessions_are_removed_as_soon_as_they_expire,
    purge::tombstones_are_kept_for_the_retention_period,
    purge::a_batch_is_no_larger_than_requested,
];

for_every_store!(fulfils_the_contract);

#[test]
fn a_cluster_fulfils_the_contract() {
    fulfils_the_contract::<InCluster>();
}

fn fulfils_the_contract<S: StoreUnderTest>() {
    Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(async {
        let mut broken = Vec::new();
        for (name, invariant) in CONTRACT {
            if !holds(Arc::new(S::empty().await), *invariant).await {
                broken.push(*name);
            }
        }
        assert!(broken.is_empty(), "broken: {broken:?}");
    });
}

async fn holds(backend: Arc<dyn StoreUnderTest>, invariant: Invariant) -> bool {
    tokio::spawn(invariant(Scenario::new(backend))).await.is_ok()
}
