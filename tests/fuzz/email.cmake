gnswatch_fuzz(email_header email-mime)
