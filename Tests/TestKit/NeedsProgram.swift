import Kernel
package import Testing

extension Trait where Self == ConditionTrait {
    /// Skips where a program that others make is not installed.
    package static func needsProgram(_ name: String, in package: String) -> Self {
        .enabled(
            if: (try? resolveExecutable(name)) != nil,
            "\(name) is not installed (Debian package \(package); Tests/run installs it)")
    }
}
