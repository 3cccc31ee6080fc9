import Kernel

/// How many descriptors of each kind some processes have open.
struct DescriptorCount: Equatable {
    private var kinds: [String: Int] = [:]

    init(of processes: [Int32]) throws {
        for process in processes {
            for number in try ProcessView.numbers(in: "fd", of: process, atMost: 1 << 16) {
                // One that was closed meanwhile is not at rest.
                guard let target = try? ProcessView.link("fd/\(number)", of: process) else {
                    continue
                }
                kinds[target.filter { !$0.isNumber }, default: 0] += 1
            }
        }
    }

    var total: Int { kinds.values.reduce(0, +) }

    /// The kinds that there are more or fewer of later, empty if none.
    func changes(to later: DescriptorCount) -> String {
        Set(kinds.keys).union(later.kinds.keys).sorted().compactMap { kind in
            let (before, after) = (kinds[kind] ?? 0, later.kinds[kind] ?? 0)
            return before == after ? nil : "\(kind) \(before) to \(after)"
        }.joined(separator: ", ")
    }
}
