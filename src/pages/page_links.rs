//! Links from page to page of a long list.

use leptos::prelude::*;

use crate::words;

/// Links to the pages before and after one of a long list. Page 1 has the most recent entries.
#[component]
pub fn PageLinks(
    /// The number of this page.
    page: u32,
    /// There is another page after this.
    more: bool,
    /// The address of a page.
    link: fn(page: u32) -> String,
) -> impl IntoView {
    (page > 1 || more).then(|| {
        view! {
            <nav class="pages" aria-label=words::paging::PAGES>
                {(page > 1).then(|| view! { <a href=link(page - 1) rel="prev">{words::paging::NEWER}</a> })}
                {more.then(|| view! { <a href=link(page + 1) rel="next">{words::paging::OLDER}</a> })}
            </nav>
        }
    })
}
