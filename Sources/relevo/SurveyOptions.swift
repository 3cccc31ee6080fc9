import ArgumentParser
import ControlClient
import ControlProtocol
import Kernel
import Settings

/// How long services are waited for that are asked side by side.
struct SurveyOptions: ParsableArguments {
    @Option(help: "How long to wait for all the services together (2s; 20s over ssh).")
    var timeout: String?

    /// What the services at these control sockets answer.
    func looks(at paths: () throws(Failure) -> [String]) throws(Failure) -> [ServiceLook] {
        let limit = try limit()
        let paths = try paths()
        do throws(KernelError) {
            return try StatusSurvey.looks(at: paths, within: limit)
        } catch {
            throw Failure(error)
        }
    }
    func limit() throws(Failure) -> Duration {
        try Options.read("--timeout", timeout ?? StatusSurvey.patience) {
            (text) throws(ValueError) in
            try Duration.parse(text)
        }
    }
}

extension ServiceOptions {
    /// The sockets of the services that are meant: of one, or of all. None is connected to: that may wait for one
    /// that stands still.
    func surveyed() throws(Failure) -> [String] {
        if let control { return [control] }
        guard let name else { return try RemoteService.allPaths() }
        let locator = ServiceLocator()
        if RemoteHost.chosen == nil,
            let path = locator.candidates(name: name).first(where: locator.existing().contains)
        {
            return [path]
        }
        return [try ServiceConnection.open(self, toAct: false).path]
    }
}
