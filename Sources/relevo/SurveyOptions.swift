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
        let limit = try Options.read("--timeout", timeout ?? StatusSurvey.patience) {
            (text) throws(ValueError) in
            try Duration.parse(text)
        }
        let paths = try paths()
        do throws(KernelError) {
            return try StatusSurvey.looks(at: paths, within: limit)
        } catch {
            throw Failure(error)
        }
    }
}
