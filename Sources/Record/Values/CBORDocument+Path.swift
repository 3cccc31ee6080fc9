extension CBORDocument {
    /// The keys and numbers of elements on the way to an item, for error texts.
    func path(to target: Int) -> [any CodingKey] {
        var path: [any CodingKey] = []
        var container = 0
        while container != target {
            let isMap = self[container].kind == .map
            var number = 0
            var child = container + 1
            // The key of a map's value is the item before it.
            if isMap { child += 1 }
            while next(after: child) <= target {
                child = next(after: child) + (isMap ? 1 : 0)
                number += 1
            }
            let key = isMap ? text(of: child - 1) : nil
            path.append(CBORKey(stringValue: key ?? "\(number)"))
            container = child
        }
        return path
    }
}
