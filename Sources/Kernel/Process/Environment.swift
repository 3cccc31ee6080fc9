import CKernel
import Glibc

/// What this program was started with, its own name apart.
package enum ProgramArguments {
    package static let all: [String] = {
        guard var argument = unsafe relevo_arguments() else {
            return Array(CommandLine.arguments.dropFirst())
        }
        var all: [String] = []
        while let string = unsafe argument.pointee {
            all.append(unsafe KeptText.text(of: string))
            unsafe argument += 1
        }
        return Array(all.dropFirst())
    }()
}

/// The environment that this process was started with.
package enum Environment {
    /// All of it as `NAME=value` strings.
    package static func strings() -> [String] {
        var strings: [String] = []
        guard var entry = unsafe relevo_environment() else { return strings }
        while let string = unsafe entry.pointee {
            strings.append(unsafe KeptText.text(of: string))
            unsafe entry += 1
        }
        return strings
    }

    /// One variable; nil when it is not set.
    package static func value(of name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe KeptText.text(of: value)
    }

    /// Where programs are looked for while PATH is not set.
    package static let usualSearchPath =
        "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// Takes a variable away, so that no child inherits it.
    package static func remove(_ name: String) throws(KernelError) {
        try check("unsetenv", on: name) { unsafe unsetenv(name) }
    }
}

extension KeptText {
    /// Of a string as C has it.
    fileprivate static func text(of string: UnsafePointer<CChar>) -> String {
        unsafe text(UnsafeRawBufferPointer(start: string, count: strlen(string)))
    }
}
