#if DEBUG
    import Glibc
    package import SystemPackage
    import Synchronization

    /// In debug builds, makes the n-th system call of one thread fail, so that tests can sweep
    /// every failure an operation can meet.
    package struct FaultPlan: Sendable {
        private struct Armed {
            var callsLeft: Int
            let errno: Errno
        }

        private static let armed = Mutex<[pthread_t: Armed]>([:])

        /// Runs `body` on this thread with its `number`-th system call (from 1) failing.
        ///
        /// - Returns: whether the call was reached; a sweep ends when it was not.
        package static func failing(
            call number: Int, with errno: Errno, _ body: () throws -> Void
        ) rethrows -> Bool {
            let thread = pthread_self()
            armed.withLock { $0[thread] = Armed(callsLeft: number, errno: errno) }
            defer { armed.withLock { _ = $0.removeValue(forKey: thread) } }
            do {
                try body()
            } catch {
                if armed.withLock({ $0[thread]?.callsLeft ?? 0 }) > 0 { throw error }
            }
            return armed.withLock { ($0[thread]?.callsLeft ?? 0) <= 0 }
        }

        /// The failure due now on this thread, if one is planned.
        static func next() -> Errno? {
            armed.withLock { plans -> Errno? in
                if plans.isEmpty { return nil }
                let thread = pthread_self()
                guard var plan = plans[thread], plan.callsLeft > 0 else { return nil }
                plan.callsLeft -= 1
                plans[thread] = plan
                return plan.callsLeft == 0 ? plan.errno : nil
            }
        }
    }
#endif
