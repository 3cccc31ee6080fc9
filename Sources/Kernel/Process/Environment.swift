import CKernel
import Glibc

/// The environment that this process was started with.
package enum Environment {
    /// All of it as `NAME=value` strings.
    package static func strings() -> [String] {
        var strings: [String] = []
        guard var entry = unsafe relevo_environment() else { return strings }
        while let string = unsafe entry.pointee {
            strings.append(unsafe String(cString: string))
            unsafe entry += 1
        }
        return strings
    }

    /// One variable; nil when it is not set.
    package static func value(of name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }

    /// Takes a variable away, so that no child inherits it.
    package static func remove(_ name: String) throws(KernelError) {
        try check("unsetenv", on: name) { unsafe unsetenv(name) }
    }
}
