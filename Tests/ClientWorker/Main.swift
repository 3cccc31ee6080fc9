import Kernel

/// A worker with the client library that does as the datagrams to its listener say, and answers
/// what came of it. For the integration tests.
@main
struct Main {
    static func main() throws {
        // It ends upon STOP, so that the test sees that it has heard it.
        try ignoreSignal(15)
        let obedient = try ObedientWorker()
        try obedient.run()
    }
}
