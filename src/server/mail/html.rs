//! The HTML part of a mail, in the look of the pages. Mail programs know tables and inline styles best; the dark
//! colours are for those that know more.

use leptos::prelude::*;

use crate::words::{PRODUCT, mails::MailText};

const STYLE: &str = "\
:root{color-scheme:light dark;supported-color-schemes:light dark}\
@media(prefers-color-scheme:dark){\
.paper{background:#12131b!important}\
.card{background:#1b1d28!important;border-color:#343747!important}\
.ink{color:#eceaf3!important}.soft{color:#a9abbd!important}\
.button{background:#a7b4ff!important;color:#12131b!important}}";
const PAPER: &str = "margin:0;padding:24px 12px;background:#fbfaf7;\
    font:16px/1.55 system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',sans-serif";
const CARD: &str = "max-width:520px;margin:0 auto;padding:28px;background:#ffffff;border:1px solid #dedbd2;\
    border-radius:10px";
const BRAND: &str = "margin:0 0 16px;font-weight:650;color:#1d1e2b";
const HEADING: &str = "margin:0 0 16px;font-size:22px;line-height:1.25;font-weight:650;color:#1d1e2b";
const PARAGRAPH: &str = "margin:0 0 16px;color:#1d1e2b";
const SOFT: &str = "margin:0 0 12px;font-size:14px;color:#5a5a68";
const NAME: &str = "padding:2px 16px 2px 0;color:#5a5a68;vertical-align:top";
const VALUE: &str = "padding:2px 0;color:#1d1e2b;overflow-wrap:anywhere";
const BUTTON: &str = "display:inline-block;padding:12px 20px;border-radius:10px;background:#3044c8;color:#ffffff;\
    font-weight:600;text-decoration:none";
const FOOTER: &str = "max-width:520px;margin:16px auto 0;font-size:13px;color:#5a5a68;text-align:center";

/// The document. Texts are escaped by Leptos.
pub fn html(text: &MailText, footer: &str) -> String {
    let paragraph =
        |style, class| move |text: &String| view! { <p style=style class=class>{text.clone()}</p> };
    let fact = |(name, value): &(&'static str, String)| {
        view! { <tr><td style=NAME class="soft">{*name}</td><td style=VALUE class="ink">{value.clone()}</td></tr> }
    };
    let facts = (!text.facts.is_empty()).then(|| {
        let rows = text.facts.iter().map(fact).collect_view();
        view! { <table role="presentation" style="margin:0 0 16px;border-collapse:collapse;font-size:15px"><tbody>{rows}</tbody></table> }
    });
    let button = text.link.as_ref().map(|link| {
        view! { <p style="margin:24px 0"><a href=link.url.clone() style=BUTTON class="button">{link.label}</a></p> }
    });
    let document = view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <title>{PRODUCT}</title>
                <style>{STYLE}</style>
            </head>
            <body style=PAPER class="paper">
                <div style=CARD class="card">
                    <p style=BRAND class="ink">{PRODUCT}</p>
                    <h1 style=HEADING class="ink">{text.subject.clone()}</h1>
                    {text.paragraphs.iter().map(paragraph(PARAGRAPH, "ink")).collect_view()}
                    {facts}
                    {button}
                    {text.closing.iter().map(paragraph(SOFT, "soft")).collect_view()}
                </div>
                <p style=FOOTER class="soft">{footer.to_owned()}</p>
            </body>
        </html>
    };
    document.to_html().replace("<!>", "")
}
