enum SteeringPlaceholder {}
