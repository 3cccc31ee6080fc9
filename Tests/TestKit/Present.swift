/// A value that a test cannot go on without was not there.
package struct Absent: Error {
    let what: String
}

/// What `#require` is for values that cannot be copied: the value, or an error that says it lacks.
package func present<Value: ~Copyable>(
    _ value: consuming Value?, fileID: StaticString = #fileID, line: Int = #line
) throws -> Value {
    guard let value else { throw Absent(what: "\(Value.self) at \(fileID):\(line)") }
    return value
}

/// Whether there is no value, which `== nil` does not tell of those that cannot be copied.
package func isNone<Value: ~Copyable>(_ value: consuming Value?) -> Bool {
    if case .none = consume value { return true }
    return false
}
