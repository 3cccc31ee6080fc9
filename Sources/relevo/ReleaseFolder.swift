import Kernel
import Settings

/// The folder of a release, its symbolic links followed once.
enum ReleaseFolder {
    static func followed(_ path: String, _ key: String, _ status: ExitStatus) throws(Failure)
        -> String
    {
        let real: String
        let isFolder: Bool
        do throws(KernelError) {
            real = try realPath(path)
            isFolder = try FileStatus(of: real)?.kind == .folder
        } catch {
            throw Failure(status, "\(key) \(path): \(error)")
        }
        guard isFolder else { throw Failure(status, "\(key) \(path): that is no folder") }
        return real
    }

    /// Has settings name the folder itself.
    static func follow(in settings: inout ServiceSettings) throws(Failure) {
        guard let release = settings.release else { return }
        settings.release = try followed(release, "Release=", .settings)
    }
}
