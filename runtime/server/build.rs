//! Folders built into the binary: the compiler does not see that a file in them changed.

fn main() {
    for folder in ["../../metadata/templates", "../../docs/errors"] {
        println!("cargo::rerun-if-changed={folder}");
    }
}
