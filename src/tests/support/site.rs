//! The static files of a release build.

use std::{fs, io, path::Path};

/// The path of the script.
pub const SCRIPT_PATH: &str = "/pkg/vestibule.Ab12Cd34.js";

/// The script, and its compressed forms.
pub const SCRIPT: &str = "export const hydrate = () => {};\n\
    export const hydrate = () => {};\n\
    export const hydrate = () => {};\n\
    export const hydrate = () => {};\n";
pub const SCRIPT_BROTLI: &[u8] = &[
    27, 131, 0, 248, 141, 212, 98, 173, 48, 238, 5, 226, 182, 84, 23, 255, 144, 207, 159, 186, 168, 96, 82,
    208, 23, 17, 67, 161, 10, 193, 176, 96, 48, 201, 19, 166, 83, 215, 60, 201, 184, 109, 151, 236, 56, 162,
    120, 240, 190, 1,
];
pub const SCRIPT_GZIP: &[u8] = &[
    31, 139, 8, 0, 0, 0, 0, 0, 0, 3, 75, 173, 40, 200, 47, 42, 81, 72, 206, 207, 43, 46, 81, 200, 168, 76,
    41, 74, 44, 73, 85, 176, 85, 208, 208, 84, 176, 181, 83, 168, 174, 181, 230, 74, 165, 189, 2, 0, 80, 97,
    182, 110, 132, 0, 0, 0,
];

/// The smallest WebAssembly module.
const WASM: &[u8] = b"\0asm\x01\0\0\0";

/// # Errors
/// If a file cannot be written.
pub fn build(root: &Path) -> io::Result<()> {
    let script = SCRIPT_PATH.trim_start_matches('/');
    let files: [(&str, &[u8]); 8] = [
        (script, SCRIPT.as_bytes()),
        (&format!("{script}.br"), SCRIPT_BROTLI),
        (&format!("{script}.gz"), SCRIPT_GZIP),
        ("pkg/vestibule.Ef56Gh78.wasm", WASM),
        ("pkg/vestibule.Ij90Kl12.css", b"body { margin: 0 }\n"),
        ("start.js", b"// starts the islands\n"),
        ("countdown.js", b"// counts down\n"),
        ("robots.txt", b"User-agent: *\nDisallow: /\n"),
    ];
    fs::create_dir_all(root.join("pkg"))?;
    for (name, content) in files {
        fs::write(root.join(name), content)?;
    }
    Ok(())
}
