use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::Register,
    components::{Notice, NoticeIcon, ReturnToField, TextField, TokenField, link_with_return},
    islands::{Form, NewPasswordField},
    model::AppError,
    pages::{InvalidLink, MailSent, PageRequest},
    server::{
        accounts::{InvitationStatus, invitation_status},
        config::RegistrationPolicy,
    },
    words,
};

/// `/register`, or to whom it is open; with `?sent=1` it says where to look.
pub async fn page(request: PageRequest) -> Result<impl IntoView, AppError> {
    if request.query("sent").is_some() {
        return Ok(view! { <MailSent text=words::register::SENT/> }.into_any());
    }
    let invitation = invitation_status(&request.caller, request.link.as_deref()).await?;
    let invited = match (request.caller.state.config.registration.policy, invitation) {
        (RegistrationPolicy::Closed, _) => return Ok(refused(words::register::CLOSED)),
        (_, InvitationStatus::Valid { email }) => Some(email),
        (RegistrationPolicy::Invitation, InvitationStatus::Invalid) => {
            return Ok(view! { <InvalidLink/> }.into_any());
        }
        (RegistrationPolicy::Invitation, InvitationStatus::None) => {
            return Ok(refused(words::register::INVITATION_ONLY));
        }
        // No link is needed here, so one that is used up must not be in the way.
        (RegistrationPolicy::Open, _) => None,
    };
    let token = invited.as_ref().and(request.link.clone());
    let next = request.return_to();
    let no_cookie = request.no_cookie_notice();
    let login = link_with_return(next.as_ref(), "/login");
    let page = view! {
        <h1>{words::register::TITLE}</h1>
        <p class="lead">{words::register::LEAD}</p>
        {no_cookie.map(|text| view! { <Notice text icon=NoticeIcon::Door/> })}
        <Form function=Register::PATH submit=words::register::SUBMIT busy=words::register::BUSY>
            <TextField name="name" label=words::fields::NAME autocomplete="name"/>
            <TextField name="email" label=words::fields::EMAIL kind="email" autocomplete="username"
                value=invited.unwrap_or_default()/>
            <NewPasswordField name="password" label=words::fields::PASSWORD/>
            <ReturnToField next/>
            {token.map(|token| view! { <TokenField name="invitation" token/> })}
        </Form>
        <p class="aside">{words::register::HAS_ACCOUNT}<a href=login>{words::login::TITLE}</a></p>
    };
    Ok(page.into_any())
}

/// Registration is closed, or this person is not invited.
fn refused(text: &'static str) -> AnyView {
    let page = view! {
        <h1>{words::register::TITLE}</h1>
        <p class="lead">{text}</p>
        <div class="next">
            <p class="aside">{words::register::HAS_ACCOUNT}<a href="/login">{words::login::TITLE}</a></p>
        </div>
    };
    page.into_any()
}
