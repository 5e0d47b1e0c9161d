gnswatch_fuzz(gns3_lists gns3-lab)
