import FoundationEssentials

/// What `relevo-load send --json` reports.
package struct LoadResult: Decodable, Sendable {
    package let ok: Bool
    package let faults: [String]
    package let flows: Int
    package let sent: Int
    package let answered: Int
    package let lost: Int
    package let refused: Int
    package let duplicate: Int
    package let misrouted: Int
    package let moved: Int
    package let stateGone: Int
    package let staleFlows: Int
    package let ownDrops: Int
    /// Answers by the number of the generation that gave them.
    package let generations: [String: Int]
}

/// A load on a service, under way until it is awaited.
package final class Load {
    let process: TestProcess

    /// Starts sending; options as `relevo-load send` has them.
    ///
    /// - Parameter launcher: a command that runs a command, in another network say.
    package init(to address: String, _ options: [String], as launcher: [String] = []) throws {
        process = try TestProcess(
            launcher + [try Programs.path("relevo-load"), "send", "--to", address, "--json"]
                + options,
            separateErrors: true)
    }

    /// Waits for its end.
    package func result(within limit: Duration = .seconds(120)) throws -> LoadResult {
        let finished = try process.finished(within: limit)
        do {
            return try JSONDecoder().decode(LoadResult.self, from: Data(finished.text.utf8))
        } catch {
            throw NotStarted(lines: finished.output + finished.errors)
        }
    }
}
