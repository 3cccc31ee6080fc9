/// The names that both ends must spell alike.
package enum Interfaces {
    package static let service = "org.varlink.service"
    package static let supervisor = "org.relevo.Supervisor"
}
