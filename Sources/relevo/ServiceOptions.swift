import ArgumentParser

/// Which running service a command is about.
struct ServiceOptions: ParsableArguments {
    @Argument(
        help: "The service; may be left out where only one is.", completion: Completions.services)
    var service: String?

    @Option(
        name: .customLong("name"), help: "The service, as an option.",
        completion: Completions.services)
    var serviceOption: String?

    @Option(help: "The service's control socket itself.", completion: .file())
    var control: String?

    @OptionGroup var place: HostOption

    /// The choice as options, for another relevo.
    var words: [String] {
        if let control { return ["--control=\(control)"] }
        return name.map { ["--name=\($0)"] } ?? []
    }

    /// The name that was given in one way or the other.
    var name: String? { service ?? serviceOption }

    func validate() throws {
        if let service, let serviceOption, service != serviceOption {
            throw ValidationError("two services are named, '\(service)' and '\(serviceOption)'")
        }
        if control != nil, name != nil {
            throw ValidationError("--control names the service already; leave its name out")
        }
    }
}
