import Kernel
import Settings

/// The files of a new service, and what its administrator should know.
struct InitPlan {
    /// A file to be written.
    struct File: Equatable {
        let path: String
        let text: String

        /// What reads it meanwhile sees the old file or the new one.
        func write() throws(Failure) {
            let folder = path.split(separator: "/").dropLast().joined(separator: "/")
            do throws(KernelError) {
                try makeFolders(path.hasPrefix("/") ? "/\(folder)" : folder)
                try writeFile("\(path).new", Array(text.utf8))
                try renameFile("\(path).new", to: path)
            } catch {
                throw Failure(error)
            }
        }
    }

    private(set) var files: [File] = []
    private(set) var nextSteps: [String] = []
    /// What stands in the way of a start.
    private(set) var warnings: [String] = []
    private let place: InitPlace

    init(_ settings: ServiceSettings, options: RunOptions, place: InitPlace) {
        self.place = place
        let name = settings.name
        let path = "\(place.settings)/\(name).conf"
        let unit = "relevo@\(name)"
        files.append(
            File(
                path: place.root + path,
                text: Self.header(unit, path, place) + settings.renderCommented()))
        if !place.hasTemplate {
            let text = place.isUserService ? UnitText.user : UnitText.system
            files.append(
                File(
                    path: "\(place.root)\(place.units)/\(UnitText.name)",
                    text: UnitText.running(Self.ownProgram, text)))
        }
        let dropIn = UnitDropIn(settings, options: options, isUserService: place.isUserService)
        files.append(
            File(
                path: "\(place.root)\(place.units)/\(unit).service.d/relevo-init.conf",
                text: dropIn.text))
        nextSteps = [
            "start it:    \(place.systemctl) daemon-reload && "
                + "\(place.systemctl) enable --now \(unit)",
            "upgrade it:  \(place.systemctl) reload \(unit)",
            "look at it:  relevo status \(name)",
        ]
        warnings = Self.warnings(settings, options: options, place: place)
    }

    /// Writes all of them, or none where one is there already.
    func write(overwriting: Bool) throws(Failure) {
        if !overwriting, let path = try firstTaken() {
            throw Failure(.failed, "\(path) is there already; --force overwrites it")
        }
        for file in files { try file.write() }
    }

    private func firstTaken() throws(Failure) -> String? {
        do throws(KernelError) {
            for file in files where try FileStatus(of: file.path) != nil { return file.path }
            return nil
        } catch {
            throw Failure(error)
        }
    }

    /// Where this program is, for a unit that runs it.
    static var ownProgram: String { (try? readLink("/proc/self/exe")) ?? UnitText.program }

    private static func header(_ unit: String, _ path: String, _ place: InitPlace) -> String {
        """
        # Settings of \(unit); relevo.conf(5), relevo check-settings --keys.
        # After a change of Command= or Workers=, or of how a generation gets ready, drains and ends:
        # \(place.systemctl) reload \(unit); of another key of [Service]: restart; of a listener: stop
        # and start. All but the last is done without loss.
        # relevo check-settings \(path) tells every mistake first.


        """
    }

    private static func warnings(
        _ settings: ServiceSettings, options: RunOptions, place: InitPlace
    ) -> [String] {
        var warnings: [String] = []
        if let program = settings.startedCommand.first, (try? resolveExecutable(program)) == nil {
            warnings.append("\(program) is not there, or cannot be executed")
        }
        guard !place.isUserService, place.root.isEmpty else { return warnings }
        let user = options[\.user] ?? UnitText.account
        if (try? UserAccount(named: user)).flatMap(\.self) == nil, UInt32(user) == nil {
            warnings.append("there is no user \(user) yet: useradd --system \(user)")
        }
        return warnings
    }
}
