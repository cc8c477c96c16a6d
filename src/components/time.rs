use leptos::prelude::*;

use crate::model::Moment;

/// A moment: relative to read, exact to look up, machine-readable for the rest.
#[component]
pub fn Time(moment: Moment) -> impl IntoView {
    view! { <time datetime=moment.machine title=moment.exact>{moment.relative}</time> }
}
