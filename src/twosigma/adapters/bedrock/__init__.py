"""A tutor model on AWS Bedrock, over boto3 in threads of its own."""
