/// How a handover ended.
package struct HandoverResult: OpenName {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    package static let completed = HandoverResult(rawValue: "completed")
    /// The new generation is current, and something is not as it ought to be.
    package static let incomplete = HandoverResult(rawValue: "incomplete")
    /// The new generation never became current.
    package static let failed = HandoverResult(rawValue: "failed")
    /// The new generation had a share of the new flows and gave it back.
    package static let aborted = HandoverResult(rawValue: "aborted")
    /// A dry run: the new generation would have become current.
    package static let passed = HandoverResult(rawValue: "passed")
    /// The new generation was current and had to give way to the old one.
    package static let rolledBack = HandoverResult(rawValue: "rolledBack")
    /// Of the history alone: it has not ended yet.
    package static let underWay = HandoverResult(rawValue: "underWay")
    /// Of the history alone: supervisor and workers were gone before it had ended.
    package static let interrupted = HandoverResult(rawValue: "interrupted")
}
