#include "SteeringABI.h"
