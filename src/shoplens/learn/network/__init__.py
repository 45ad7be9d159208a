"""An encoder's file is cut, its tail trained in torch and grafted back; read ``graph`` first."""
