//! How much memory this process may use: that of the machine, or less if it runs in a container.

use std::{fs, path::Path};

/// In bytes; `None` where it cannot be found out, as on systems other than Linux.
pub fn memory_limit() -> Option<u64> {
    limit_below(Path::new("/"))
}

/// The smallest limit of the control group of this process, of those around it, and of the machine.
fn limit_below(root: &Path) -> Option<u64> {
    let groups = fs::read_to_string(root.join("proc/self/cgroup")).unwrap_or_default();
    let limits = groups.lines().flat_map(|line| limits_of(root, line));
    limits.chain(memory_of_machine(root)).min()
}

/// `line` names the control group in one hierarchy: number, controllers (none in version 2), path.
fn limits_of(root: &Path, line: &str) -> Vec<u64> {
    let mut fields = line.splitn(3, ':').skip(1);
    let (Some(controllers), Some(path)) = (fields.next(), fields.next()) else { return Vec::new() };
    let (folder, file) = match controllers {
        "" => ("sys/fs/cgroup", "memory.max"),
        _ if controllers.split(',').any(|controller| controller == "memory") => {
            ("sys/fs/cgroup/memory", "memory.limit_in_bytes")
        }
        _ => return Vec::new(),
    };
    // In a container the path may be that outside of it, and only the last of these exists.
    let groups = Path::new(path.trim_start_matches('/')).ancestors();
    let files = groups.map(|group| root.join(folder).join(group).join(file));
    files.filter_map(|file| fs::read_to_string(file).ok()?.trim().parse().ok()).collect()
}

fn memory_of_machine(root: &Path) -> Option<u64> {
    let about = fs::read_to_string(root.join("proc/meminfo")).ok()?;
    let total = about.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = total.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MACHINE: (&str, &str) = ("proc/meminfo", "MemFree: 1 kB\nMemTotal:       8192 kB\n");

    fn limit(files: &[(&str, &str)]) -> Option<u64> {
        let root = tempfile::tempdir().expect("a folder");
        for (file, content) in files {
            let file = root.path().join(file);
            fs::create_dir_all(file.parent().expect("a folder")).expect("created");
            fs::write(file, content).expect("written");
        }
        limit_below(root.path())
    }

    #[test]
    fn the_smallest_limit_counts() {
        assert_eq!(limit(&[]), None);
        assert_eq!(limit(&[MACHINE]), Some(8192 * 1024));
        let version_2 = ("proc/self/cgroup", "0::/system.slice/vestibule.service\n");
        let own = |limit| ("sys/fs/cgroup/system.slice/vestibule.service/memory.max", limit);
        let around = |limit| ("sys/fs/cgroup/system.slice/memory.max", limit);
        assert_eq!(limit(&[MACHINE, version_2, own("max\n"), around("max\n")]), Some(8192 * 1024));
        assert_eq!(limit(&[MACHINE, version_2, own("4096\n"), around("max\n")]), Some(4096));
        assert_eq!(limit(&[MACHINE, version_2, own("4096\n"), around("2048\n")]), Some(2048));
    }

    #[test]
    fn a_container_may_not_see_the_path_of_its_group() {
        let version_1 = ("proc/self/cgroup", "5:cpu,cpuacct:/docker/1\n4:memory:/docker/1\n0::/\n");
        let limit_1 = ("sys/fs/cgroup/memory/memory.limit_in_bytes", "4096\n");
        assert_eq!(limit(&[MACHINE, version_1, limit_1]), Some(4096));
        let version_2 = ("proc/self/cgroup", "0::/../../docker/1\n");
        assert_eq!(limit(&[MACHINE, version_2, ("sys/fs/cgroup/memory.max", "4096\n")]), Some(4096));
    }
}
