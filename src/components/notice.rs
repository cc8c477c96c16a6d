use leptos::prelude::*;

use super::{icons, words};
use crate::model::Flash;

/// What came of the form that led here; shown once.
#[component]
pub fn FlashNotice() -> impl IntoView {
    let flash = expect_context::<StoredValue<Option<Flash>>>();
    let ours = |flash: &mut Flash| matches!(flash, Flash::Notice(_));
    match flash.try_update_value(|flash| flash.take_if(ours)).flatten() {
        Some(Flash::Notice(notice)) => {
            let text = words::notice(notice);
            Some(view! { <p class="note" role="status"><icons::Tick/>{text}</p> })
        }
        _ => None,
    }
}
