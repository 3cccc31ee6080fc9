/// Finds what someone probably meant to write.
package enum Nearest {
    /// The candidate nearest to `word` if it is near enough to be a slip, case aside.
    package static func of(_ word: String, among candidates: [String]) -> String? {
        let written = Array(word.lowercased().utf8.prefix(64))
        var best: (candidate: String, distance: Int)?
        for candidate in candidates {
            let distance = edits(written, Array(candidate.lowercased().utf8))
            if distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        guard let best, best.distance <= max(1, written.count / 3) else { return nil }
        return best.candidate
    }

    /// Insertions, deletions, replacements and swaps of neighbours between two words.
    private static func edits(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in left.indices {
            var line = [row + 1]
            for column in right.indices {
                let same = left[row] == right[column]
                var cost = min(last[column + 1], line[column]) + 1
                cost = min(cost, last[column] + (same ? 0 : 1))
                if row > 0, column > 0, left[row] == right[column - 1],
                    left[row - 1] == right[column]
                {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                line.append(cost)
            }
            beforeLast = last
            last = line
        }
        return last[right.count]
    }
}
