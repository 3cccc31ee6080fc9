/// The interfaces that are served, in Varlink's own language.
package enum InterfaceDescription {
    /// The description of an interface, or nil where it is not served.
    package static func text(of interface: String) -> String? {
        switch interface {
        case Interfaces.service: service
        case Interfaces.supervisor: supervisor
        default: nil
        }
    }

    /// That of everything but what every Varlink service has.
    package static var ofSupervisor: String { supervisor }

    private static let service = """
        # The interface that every Varlink service has.
        interface org.varlink.service

        # Who serves here, and with which interfaces.
        method GetInfo() -> (
          vendor: string,
          product: string,
          version: string,
          url: string,
          interfaces: []string
        )

        # The description of one interface.
        method GetInterfaceDescription(interface: string) -> (description: string)

        error InterfaceNotFound (interface: string)
        error MethodNotFound (method: string)
        error MethodNotImplemented (method: string)
        error InvalidParameter (parameter: string)
        error PermissionDenied ()
        error ExpectedMore ()

        """
}
