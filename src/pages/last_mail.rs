use leptos::prelude::*;

use super::layout::PlainLayout;
use crate::words::{self, mails::MailText};

/// The last mail, in development.
#[component]
pub fn LastMail(
    /// To whom, and what it says.
    mail: Option<(String, MailText)>,
) -> impl IntoView {
    let mail = mail.map_or_else(
        || view! { <p class="lead">{words::outbox::NONE}</p> }.into_any(),
        |(recipient, text)| view! { <Message recipient text/> }.into_any(),
    );
    view! {
        <PlainLayout>
            <h1>{words::outbox::TITLE}</h1>
            {mail}
        </PlainLayout>
    }
}

#[component]
fn Message(recipient: String, text: MailText) -> impl IntoView {
    let paragraph = |text: String| view! { <p>{text}</p> };
    let facts =
        text.facts.into_iter().map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> });
    let facts: Vec<_> = facts.collect();
    let facts = (!facts.is_empty()).then(|| view! { <dl class="facts">{facts}</dl> });
    view! {
        <article class="card mail">
            <p class="hint">{words::outbox::TO}<bdi>{recipient}</bdi></p>
            <h2>{text.subject}</h2>
            {text.paragraphs.into_iter().map(paragraph).collect_view()}
            {facts}
            {text.link.map(|link| view! { <p><a class="button" href=link.url>{link.label}</a></p> })}
            {text.closing.into_iter().map(paragraph).collect_view()}
        </article>
    }
}
