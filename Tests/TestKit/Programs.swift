package import Kernel

/// The programs of the package as they were built beside the tests.
package enum Programs {
    /// The path of one of them.
    package static func path(_ name: String) throws(KernelError) -> String {
        let tests = try readLink("/proc/self/exe")
        let folder = tests.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        return try resolveExecutable(folder.joined(separator: "/") + "/" + name)
    }

    /// The echo server as a command.
    package static func echo(_ options: String...) throws(KernelError) -> [String] {
        [try path("relevo-load"), "serve"] + options
    }
}
