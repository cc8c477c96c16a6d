//! The handles that only HTTP needs, and those of the application.

use std::{ops::Deref, sync::Arc};

use super::{
    assets::Assets, device_cookie::DeviceCookie, document::Documents, link_cookie::LinkCookie,
    live_reload::LiveReload, rejected_forms::RejectedForms, session_events::Streams,
};
use crate::server::{sessions::SessionCookie, state::AppState};

/// Shared by all requests; a clone is one pointer.
#[derive(Clone, Debug)]
pub struct HttpState(Arc<HttpHandles>);

#[derive(Debug)]
pub struct HttpHandles {
    pub app: AppState,
    pub assets: Assets,
    pub documents: Documents,
    /// Set in development.
    pub live_reload: Option<LiveReload>,
    /// That of the public URL, as browsers send it in `Origin`.
    pub origin: String,
    pub session_cookie: Arc<SessionCookie>,
    pub rejected_forms: RejectedForms,
    pub device_cookie: DeviceCookie,
    /// The links of mails.
    pub link_cookie: LinkCookie,
    /// The pages that listen to session events.
    pub streams: Arc<Streams>,
}

impl HttpState {
    pub fn new(handles: HttpHandles) -> Self {
        Self(Arc::new(handles))
    }
}

impl Deref for HttpState {
    type Target = HttpHandles;

    fn deref(&self) -> &HttpHandles {
        &self.0
    }
}
