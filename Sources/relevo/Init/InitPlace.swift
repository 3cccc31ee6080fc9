import Kernel

/// Where the files of a service go, by whose service it is.
struct InitPlace {
    let isUserService: Bool
    /// What stands before every path: empty, or the folder of an image.
    let root: String
    /// The settings' folder, without the root.
    let settings: String
    /// The folder for the administrator's (or user's) own units, without the root.
    let units: String
    /// Where packages put units.
    let packagedUnits: [String]

    init(
        isUserService: Bool, below root: String,
        environment: (String) -> String? = { Environment.value(of: $0) }
    ) throws(Failure) {
        self.isUserService = isUserService
        self.root = root == "/" ? "" : root
        guard isUserService else {
            settings = "/etc/relevo"
            units = "/etc/systemd/system"
            packagedUnits = ["/usr/lib/systemd/system", "/lib/systemd/system"]
            return
        }
        let own = environment("XDG_CONFIG_HOME").flatMap { $0.hasPrefix("/") ? $0 : nil }
        guard let folder = own ?? environment("HOME").map({ "\($0)/.config" }) else {
            throw Failure(.failed, "no place for a user's settings: set HOME or XDG_CONFIG_HOME")
        }
        settings = "\(folder)/relevo"
        units = "\(folder)/systemd/user"
        packagedUnits = ["/usr/lib/systemd/user", "/etc/systemd/user"]
    }

    /// The options that make systemctl talk to the right manager.
    var systemctl: String { isUserService ? "systemctl --user" : "systemctl" }

    /// Whether the unit that all services share is there already.
    var hasTemplate: Bool {
        ([units] + packagedUnits).contains { folder in
            (try? FileStatus(of: "\(root)\(folder)/\(UnitText.name)")).flatMap(\.self) != nil
        }
    }
}
