//! The threads on which passwords are hashed. All cores may be hashing for strangers; pages must not wait for that, so
//! these threads give way to all others.

use std::io;

use tokio::{
    runtime::{Builder, Handle, Runtime},
    task::JoinError,
};

/// Blocking threads, as many as passwords are hashed at a time.
#[derive(Debug)]
pub struct HashingThreads {
    threads: Handle,
    /// Nothing is used of it but its blocking threads: those of the server's own do other work, too.
    runtime: Option<Runtime>,
}

impl HashingThreads {
    /// # Errors
    /// If the system refuses a runtime.
    pub fn new(count: usize) -> io::Result<Self> {
        let mut builder = Builder::new_current_thread();
        let runtime =
            builder.thread_name("hashing").max_blocking_threads(count).on_thread_start(give_way).build()?;
        Ok(Self { threads: runtime.handle().clone(), runtime: Some(runtime) })
    }

    /// # Errors
    /// If the work panics, or the server stops.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, JoinError> {
        self.threads.spawn_blocking(work).await
    }
}

impl Drop for HashingThreads {
    fn drop(&mut self) {
        // Otherwise it would wait for its threads, which no thread of another runtime may.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// About a tenth of the weight of the other threads. Elsewhere than on Linux, the system knows niceness for whole
/// processes only.
fn give_way() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(10) {
        tracing::warn!(%error, "the threads that hash passwords cannot give way to the others");
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::process::getpriority_process;

    use super::*;

    #[tokio::test]
    async fn they_give_way_to_all_other_threads() {
        let threads = HashingThreads::new(1).expect("a thread");
        let niceness = || getpriority_process(None).expect("the niceness");
        let before = niceness();
        assert_eq!(threads.run(niceness).await.expect("run"), before + 10);
        assert_eq!(niceness(), before);
    }
}
