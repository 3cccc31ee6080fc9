import Kernel

/// What the service manager makes of a wrapped unit without the drop-in of `relevo wrap`. Nobody but the manager can
/// say it, so it is shown the same files under another name for a moment; nothing of that is started.
enum UnitLook {
    private static let folder = "/run/systemd/system"

    /// - Parameter files: what the unit's own files say, in their order.
    static func properties(of name: String, _ files: [[UInt8]]) throws(Failure) -> UnitProperties {
        let look = Self.name(for: name, ProcessIdentity.processID)
        let path = "\(folder)/\(look)"
        do throws(KernelError) {
            try writeFile(path, Array(files.joined(separator: Array("\n\n".utf8))))
        } catch {
            throw Failure(error)
        }
        defer { _ = try? removeFile(path) }
        return try UnitProperties(ofUnit: look)
    }

    /// An instance stays one of the same name, which its files may refer to.
    static func name(for unit: String, _ number: Int32) -> String {
        let instance = unit.firstIndex(of: "@").map { String(unit[$0...]) } ?? ".service"
        return "relevo-look-\(number)\(instance)"
    }
}
