import Settings

/// What was found out about one thing that a service may need.
struct Finding: Encodable, Equatable {
    /// How good it is.
    enum Verdict: String, Encodable {
        case ok
        /// It works, but not as well as it could, or only for some.
        case warn
        /// A service as it runs by default, or one that asks for this, cannot have it.
        case missing
    }

    /// A stable name, for programs.
    let id: String
    /// The same for people.
    let subject: String
    let verdict: Verdict
    /// What is there, and why.
    let found: String
    /// What to do, where there is something.
    let remedy: String?
    /// Whether a service with default settings cannot run without it.
    let isNeeded: Bool

    init(
        _ id: String, _ subject: String, _ verdict: Verdict, _ found: String,
        remedy: String? = nil, isNeeded: Bool = false
    ) {
        self.id = id
        self.subject = subject
        self.verdict = verdict
        self.found = found
        self.remedy = remedy
        self.isNeeded = isNeeded
    }

    private enum CodingKeys: String, CodingKey {
        case id, subject, verdict, found, remedy
        case isNeeded = "needed"
    }

    /// Whether a service with default settings cannot run here.
    var isFatal: Bool { isNeeded && verdict == .missing }

    /// For a person: the finding, and below it what to do.
    ///
    /// - Parameter width: how many columns the lines may take.
    func lines(styled: Bool, width: Int) -> [String] {
        let word = verdict.rawValue + String(repeating: " ", count: 7 - verdict.rawValue.count)
        let space = String(repeating: " ", count: max(1, 24 - subject.count))
        let told = Finding.indented(found, after: "", width: width)
        let todo = remedy.map { Finding.indented($0, after: "-> ", width: width) } ?? []
        let first = "\(styled ? colour + word + "\u{1b}[0m" : word)  \(subject)\(space)"
        return [first + (told.first?.drop { $0 == " " } ?? "")] + told.dropFirst() + todo
    }

    private var colour: String {
        switch verdict {
        case .ok: "\u{1b}[32m"
        case .warn: "\u{1b}[33m"
        case .missing: "\u{1b}[31m"
        }
    }

    /// In the column behind the verdict and the subject.
    private static func indented(_ text: String, after mark: String, width: Int) -> [String] {
        let space = String(repeating: " ", count: 33)
        let room = max(width - space.count - mark.count, 40)
        return text.wrapped(at: room).enumerated().map { index, line in
            space + (index == 0 ? mark : String(repeating: " ", count: mark.count)) + line
        }
    }
}
