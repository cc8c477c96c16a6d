//! What the purge finds by the indexes of all shards.

use futures_util::{StreamExt, TryStreamExt, stream};
use redis::cmd;

use super::{
    super::StoreError,
    CONCURRENT_CALLS, ValkeyStore,
    keys::{Index, shards},
};
use crate::server::{
    domain::Timestamp,
    sessions::{IdHash, LatestExpiry},
};

impl ValkeyStore {
    /// The hashes of the ids in these indexes of all shards that have such a score, up to `max`.
    pub(super) async fn find_in(
        &self,
        indexes: &[Index],
        from: &str,
        to: &str,
        max: usize,
    ) -> Result<Vec<IdHash>, StoreError> {
        let connection = self.connection();
        let mut commands = Vec::new();
        for shard in shards() {
            for index in indexes {
                let mut command = cmd("ZRANGEBYSCORE");
                command.arg(self.keys.index(shard, *index)).arg(from).arg(to);
                command.arg("LIMIT").arg(0).arg(max);
                commands.push(command);
            }
        }
        let calls = stream::iter(commands).map(|command| {
            let connection = connection.clone();
            async move { connection.read::<Vec<String>>(&command).await }
        });
        let ids: Vec<Vec<String>> = calls.buffered(CONCURRENT_CALLS).try_collect().await?;
        Ok(ids.into_iter().flatten().take(max).map(IdHash::from_stored).collect())
    }

    /// Leaves the tombstones of sessions that have expired.
    pub(super) async fn expire_all(&self, now: Timestamp, max: usize) -> Result<usize, StoreError> {
        let ids = self.find_in(&Index::EXPIRIES, "-inf", &now.millis().to_string(), max).await?;
        let fields = self.fields_of_many(&ids).await?.into_iter().flatten();
        let expired = self.record_expiries(fields, now).await?;
        let calls = stream::iter(ids.clone()).map(async |id| self.mark_expired(&id, now).await);
        calls.buffer_unordered(CONCURRENT_CALLS).try_collect::<()>().await?;
        let calls = stream::iter(expired).map(async |session| self.remove_from_index(&session).await);
        calls.buffer_unordered(CONCURRENT_CALLS).collect::<()>().await;
        Ok(ids.len())
    }

    /// Brings down what expires later than it can.
    pub(super) async fn shorten(
        &self,
        latest: &LatestExpiry,
        now: Timestamp,
        max: usize,
    ) -> Result<usize, StoreError> {
        let index = Index::Expiry { remembered: latest.remembered };
        let later = format!("({}", latest.expires_at.millis());
        let ids = self.find_in(&[index], &later, "+inf", max).await?;
        for id in &ids {
            let mut script = self.scripts.shorten.key(self.keys.session(id));
            script.key(self.keys.index_beside(id, index)).arg(now.millis()).arg(id.as_str());
            script.arg(latest.expires_at.millis()).arg(latest.absolute_expires_at.millis());
            self.invoke::<()>(&script).await?;
        }
        Ok(ids.len())
    }

    /// Removes old tombstones and expired anonymous sessions.
    pub(super) async fn forget(&self, now: Timestamp, max: usize) -> Result<usize, StoreError> {
        let ids = self.find_in(&[Index::Forgetting], "-inf", &now.millis().to_string(), max).await?;
        for id in &ids {
            let mut script = self.scripts.forget.key(self.keys.session(id));
            script.key(self.keys.index_beside(id, Index::Forgetting)).arg(now.millis());
            self.invoke::<()>(script.arg(id.as_str())).await?;
        }
        Ok(ids.len())
    }
}
