import ArgumentParser
import Kernel

/// Why a command could not do its work, in one line.
struct LoadError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// Runs a command's work; what it throws becomes a line on standard error and exit code 1.
    static func reported(_ work: () throws -> Void) throws {
        do {
            try work()
        } catch let code as ExitCode {
            throw code
        } catch {
            Terminal.complain("relevo-load: \(error)")
            throw ExitCode(1)
        }
    }
}
