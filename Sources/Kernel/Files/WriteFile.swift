import Glibc

/// Makes these bytes all that is in a file, created with this mode if it is not there.
package func writeFile(
    _ path: String, _ bytes: some Collection<UInt8>, mode: UInt32 = 0o644
) throws(KernelError) {
    let file = try openFile(path, O_WRONLY | O_CREAT | O_TRUNC, mode: mode)
    try file.writeAll(bytes)
}
