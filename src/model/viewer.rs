/// Who requests a page or calls a server function, as far as the access policy needs to know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Viewer {
    #[default]
    Anonymous,
    SignedIn {
        admin: bool,
        /// Authenticated not longer ago than `sessions.step_up_after`.
        recently_authenticated: bool,
    },
}
