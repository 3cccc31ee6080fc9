package import Kernel
package import Testing

/// Runs each test on a thread of its own, with a descriptor table of its own in which it may leave
/// nothing open, or a network namespace of its own, which processes it starts inherit.
package struct IsolatedTrait: TestTrait, SuiteTrait, TestScoping {
    let isolation: Isolation

    package var isRecursive: Bool { true }

    package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        guard isolation.contains(.network) else { return try await isolated(function) }
        await Turnstile.networks.enter()
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await isolated(function))
        } catch {
            outcome = .failure(error)
        }
        await Turnstile.networks.leave()
        try outcome.get()
    }

    private func isolated(_ function: @Sendable () async throws -> Void) async throws {
        let thread = try IsolatedThread(isolation)
        defer { thread.stop() }
        try await withTaskExecutorPreference(thread) {
            let before = try openDescriptors()
            try await function()
            guard isolation.contains(.descriptors) else { return }
            let left = try openDescriptors().filter { before[$0.key] != $0.value }
            #expect(left.isEmpty, "descriptors left open")
        }
    }
}

extension Trait where Self == IsolatedTrait {
    /// Fails a test that leaves a descriptor open.
    package static var leavesNoDescriptors: Self { IsolatedTrait(isolation: .descriptors) }
    /// Gives each test a loopback of its own; needs CAP_SYS_ADMIN.
    package static var ownNetwork: Self { IsolatedTrait(isolation: [.descriptors, .network]) }
}

/// What this thread has open, by number.
package func openDescriptors() throws(KernelError) -> [String: String] {
    var found: [String: String] = [:]
    for number in try listFolder("/proc/thread-self/fd") {
        // The one that lists the folder is gone by now.
        if let target = try? readLink("/proc/thread-self/fd/\(number)") { found[number] = target }
    }
    return found
}
