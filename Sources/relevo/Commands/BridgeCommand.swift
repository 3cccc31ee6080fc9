import ArgumentParser
import ControlClient
import ControlProtocol
import Kernel

/// `relevo bridge`
struct BridgeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bridge",
        abstract: "Connects standard input and output to a service's control socket.",
        discussion: """
            It is what the option -H of other commands starts over there, and it may be used by \
            others that speak Varlink. It ends when its input ends or the service hangs up, and prints nothing of its own on \
            standard output.

              relevo -H admin@dns1 status dns
              ssh admin@dns1 relevo bridge dns
              varlinkctl call ssh-exec:dns1:"relevo bridge dns" org.relevo.Supervisor.GetStatus {}
            """)

    @OptionGroup var service: ServiceOptions

    @Flag(help: "Print the paths of all control sockets instead, one a line.")
    var list = false

    @Flag(help: "Refuse to choose another user's service where none is named.")
    var act = false

    @Flag(help: "Say on standard error what it is connected to.")
    var announce = false

    @Flag(help: "With --list: as JSON.")
    var json = false

    func validate() throws {
        if list, service.name != nil || service.control != nil {
            throw ValidationError("--list goes with neither a name nor --control")
        }
        if json, !list { throw ValidationError("--json goes with --list") }
    }

    func run() throws {
        guard !list else {
            let paths = ServiceLocator().existing()
            if json {
                Console.say(JSONOption.text(Listed(controls: paths)))
                return
            }
            for path in paths { Console.say(path) }
            return
        }
        let connection = try ServiceConnection.open(service, toAct: act)
        if announce { Console.complain(RemoteService.greeting + connection.path) }
        do throws(KernelError) {
            try Bridge(to: connection.stream).run()
        } catch {
            throw Failure(error)
        }
    }

    private struct Listed: Encodable {
        let controls: [String]
    }
}
